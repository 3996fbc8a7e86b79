/** Top-level names that cannot be registered, so that no web page can point one at this machine. */
const PRIVATE_SUFFIX = /\.(localhost|local|internal|test|home\.arpa)$/

/** Whether a host name is one of a private network, such as a container's. */
export const isPrivateName = (name: string) => /^[\w-]+$/.test(name) || PRIVATE_SUFFIX.test(name)

/** Whether only this machine can reach a server that listens there. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?|\[?::ffff:127\.[\d.]+\]?)$/i.test(host)
}
