import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["node_modules/", "src/lib/api/schema.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.serviceworker } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
  },
  {
    rules: {
      "no-undef": "off", // TypeScript knows better
      "svelte/no-at-html-tags": "error", // nothing in this UI is ever parsed as markup
      "svelte/no-inline-styles": ["error", { allowTransitions: false }], // the content security policy forbids them
      "svelte/no-navigation-without-resolve": "off", // a rule for SvelteKit's router
      "svelte/prefer-svelte-reactivity": "off", // our state is replaced, never mutated ($state.raw)
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "Only lib/api/client.ts and lib/events speak to the server." },
      ],
      "max-lines": ["error", { max: 400, skipBlankLines: false, skipComments: false }],
    },
  },
  { files: ["src/lib/strings.ts"], rules: { "max-lines": "off" } }, // one catalogue, so that a translator finds every word
  { files: ["build/*.mjs"], rules: { "no-restricted-globals": "off" } },
  { files: ["src/lib/api/client.ts", "src/lib/events/*.ts", "src/sw.ts"], rules: { "no-restricted-globals": "off" } },
);
