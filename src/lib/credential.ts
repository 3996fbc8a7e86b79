/** What an Authorization header says with a key: as user name with an empty password, or as it is. */
export const credentialFor = (scheme: string, key: string) => `${scheme} ${scheme === 'Basic' ? btoa(`${key}:`) : key}`
