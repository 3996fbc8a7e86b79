import { startup } from './startup.js'

/** Every measurement, one after the other. */
for (const measure of [startup]) await measure()
