import { render } from 'hono/jsx/dom'
import { Api } from './api.js'
import { App } from './app.js'
import { Journal } from './journal.js'
import { Changes } from './page.js'

const root = document.querySelector<HTMLElement>('#app')!
const resources = new Set(root.dataset.resources?.split(' '))

render(<App api={new Api()} journal={new Journal()} changes={new Changes()} resources={resources} />, root)
