/** From what a person configured to credentials for one registry. */
export { chain } from './chain.ts'
export { dockerConfigKeychain } from './docker-config.ts'
export { fixedKeychain, type IntegrationCredential, integrationKeychain } from './integration.ts'
