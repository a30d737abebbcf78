import { main } from './run.ts'

// No await at the top: the bundle is made of modules that have none.
void main(process).then((code) => {
  process.exitCode = code
})
