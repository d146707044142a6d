// Sets the theme the person chose before the first paint; a module would come too late.
try {
  const theme = localStorage.getItem("everword.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to us: the system's theme stays.
}
