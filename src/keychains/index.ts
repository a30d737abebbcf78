/** From what a person configured to credentials for one registry. */
export { type AmazonCredential, createEcrRepository, findEcrRegistry } from './amazon.ts'
export type { RoleAssumption } from './amazon-role.ts'
export { chain } from './chain.ts'
export { dockerConfigKeychain } from './docker-config.ts'
export {
  fixedKeychain,
  type IntegrationCredential,
  integrationKeychain,
  servesRegistry,
} from './integration.ts'
export { type Machine, type MachineKeychain, machineKeychain } from './machine.ts'
export { findEcr } from './registries.ts'
