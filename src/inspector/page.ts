import { html } from 'hono/html'
import { VENDORS } from '../vendors/index.js'

/** Authorization schemes in which keys are sent, by vendor. */
const SCHEMES = JSON.stringify(Object.fromEntries(VENDORS.map(({ name, scheme }) => [name, scheme])))

/** The page without its content, which its script fetches and draws. @param head leads to its script and style */
export const page = (head: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>wallet-sandbox</title>
    <link rel="icon" href="data:,">
    ${head}
  </head>
  <body>
    <div id="app" data-schemes="${SCHEMES}"></div>
    <noscript>This page needs JavaScript. The control API answers without it.</noscript>
  </body>
</html>
`
