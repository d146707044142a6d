import "@fontsource-variable/source-serif-4/opsz.css";
import "./styles/index.css";
import { mount } from "svelte";
import App from "./App.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("The page has no place for the application.");
mount(App, { target });

// A newer version was installed while this page was open: its parts have other names now.
addEventListener("vite:preloadError", () => location.reload());

if ("serviceWorker" in navigator && import.meta.env.PROD) {
  navigator.serviceWorker.register("/sw.js").catch(() => undefined); // without it the UI works, only not offline
}
