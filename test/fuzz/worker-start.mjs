// Threads do not have the loader of their parent.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
