import { html } from 'hono/html'

/**
 * The page without its content, which its script fetches and draws.
 *
 * @param assets where its script and style are, seen from the page
 * @param schemes in which keys are sent, by vendor
 */
export const page = (assets: string, schemes: Readonly<Record<string, string>>) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>wallet-sandbox</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${assets}/inspector.css">
    <script type="module" src="${assets}/inspector.js"></script>
  </head>
  <body>
    <div id="app" data-schemes="${JSON.stringify(schemes)}"></div>
    <noscript>This page needs JavaScript. The control API answers without it.</noscript>
  </body>
</html>
`
