import { render } from 'hono/jsx/dom'

render(<main>wallet-sandbox</main>, document.getElementById('app')!)
