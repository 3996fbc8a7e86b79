import { render } from 'hono/jsx/dom'
import { Api } from './api.js'
import { App } from './app.js'
import { Journal } from './journal.js'
import { Changes } from './page.js'

const root = document.querySelector<HTMLElement>('#app')!

render(<App api={new Api()} journal={new Journal()} changes={new Changes()} />, root)
