import { render } from 'hono/jsx/dom'
import { Api } from './api.js'
import { FileApi } from './file-api.js'
import { Journal } from './journal.js'
import { Listeners } from './listeners.js'
import { Unlock } from './unlock.js'

const root = document.querySelector<HTMLElement>('#app')!

const session = document.querySelector('#session')

const api = session ? new FileApi(JSON.parse(session.textContent)) : new Api()

const schemes = JSON.parse(root.dataset.schemes!)

render(<Unlock api={api} journal={new Journal()} changes={new Listeners()} schemes={schemes} />, root)
