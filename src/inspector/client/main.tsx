import { render } from 'hono/jsx/dom'
import { Api } from './api.js'
import { App } from './app.js'
import { Journal } from './journal.js'
import { Changes } from './page.js'

const root = document.querySelector<HTMLElement>('#app')!

const schemes = JSON.parse(root.dataset.schemes!)

render(<App api={new Api()} journal={new Journal()} changes={new Changes()} schemes={schemes} />, root)
