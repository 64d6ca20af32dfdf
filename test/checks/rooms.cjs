/**
 * Which room may import from which. The order of the rooms is the order of the house: a package imports only
 * from rooms above it. Run by `npm run check`; dependency-cruiser reads this file.
 */

/** Rooms that run on any JavaScript runtime: no Node import, no timer, no I/O. */
const neutral =
  '^packages/(core|codec|diagram|stream|im|replay|runtime|bus-events|session-log|journal-memory|offline-memory|timers-host|testkit)/'

/** For each room, the rooms above it and the libraries it may use. */
const allowed = {
  core: { rooms: [], libraries: ['fp-ts'] },
  codec: {
    rooms: ['core'],
    libraries: ['fp-ts', 'io-ts', 'ltx', 'saxes', 'xmlchars', 'fastest-levenshtein', 'punycode'],
  },
  diagram: { rooms: [], libraries: [] },
  replay: { rooms: ['core', 'codec', 'diagram'], libraries: ['fp-ts', 'io-ts', '@noble/hashes'] },
  runtime: { rooms: ['core'], libraries: ['fp-ts'] },
  stream: { rooms: ['core', 'codec', 'runtime'], libraries: ['fp-ts'] },
  im: { rooms: ['core', 'codec', 'runtime'], libraries: ['fp-ts', 'io-ts', '@noble/hashes'] },
  sasl: { rooms: ['codec', 'runtime', 'stream'], libraries: ['fp-ts', '@mongodb-js/saslprep'] },
  'bus-events': { rooms: ['core', 'runtime'], libraries: [] },
  'journal-memory': { rooms: ['core', 'runtime'], libraries: [] },
  'offline-memory': { rooms: ['core', 'runtime'], libraries: [] },
  'timers-host': { rooms: ['core', 'runtime'], libraries: [] },
  'log-file': { rooms: [], libraries: [] },
  'journal-lmdb': { rooms: ['core', 'codec', 'runtime', 'log-file'], libraries: ['fp-ts', 'io-ts', 'lmdb'] },
  'offline-lmdb': { rooms: ['core', 'codec', 'runtime'], libraries: ['fp-ts', 'io-ts', 'lmdb'] },
  'transport-tcp': { rooms: ['core', 'codec', 'stream'], libraries: [] },
  'stream-c2s': { rooms: ['core', 'codec', 'runtime', 'stream', 'sasl'], libraries: ['fp-ts'] },
  'stream-s2s': { rooms: ['core', 'codec', 'runtime', 'stream', 'sasl'], libraries: ['fp-ts'] },
  'recording-files': { rooms: ['core', 'codec', 'runtime', 'replay'], libraries: ['fp-ts'] },
  'session-log': { rooms: ['bus-events', 'core', 'codec', 'replay', 'runtime', 'stream'], libraries: [] },
  certificates: { rooms: [], libraries: ['fp-ts', 'asn1js', 'pkijs'] },
  settings: { rooms: ['codec'], libraries: ['fp-ts', 'io-ts'] },
  doctor: { rooms: ['certificates', 'settings'], libraries: [] },
  http: { rooms: [], libraries: [] },
  control: { rooms: ['codec'], libraries: ['fp-ts', 'io-ts'] },
  metrics: { rooms: ['bus-events', 'core', 'http', 'runtime'], libraries: ['prom-client'] },
  'session-admin': {
    rooms: ['core', 'codec', 'control', 'runtime', 'stream'],
    libraries: ['fp-ts', 'io-ts', 'fastest-levenshtein'],
  },
  'console-api': { rooms: ['control', 'http'], libraries: ['fp-ts'] },
  testkit: { rooms: ['core', 'codec', 'replay', 'runtime', 'stream'], libraries: ['fp-ts', 'fast-check'] },
}

const directions = Object.entries(allowed).map(([room, { rooms, libraries }]) => ({
  name: `${room}-imports-downwards-only`,
  severity: 'error',
  comment: `packages/${room} may import ${[...rooms, ...libraries].join(', ') || 'nothing'}`,
  from: { path: `^packages/${room}/src` },
  to: {
    pathNot: [
      `^packages/${room}/`,
      ...rooms.map(other => `^packages/${other}/`),
      ...libraries.map(library => `node_modules/${library}/`),
      '^(node:)?[a-z_/]+$',
    ],
  },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'neutral-rooms-know-no-host',
      severity: 'error',
      comment: 'these rooms run in browsers and workers too',
      from: { path: `${neutral}src` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'one-room-imports-ltx',
      severity: 'error',
      comment: 'packages/codec/src/element.ts wraps ltx; all others use that',
      from: { path: '^(packages|apps)/', pathNot: '^packages/codec/src/(element\\.ts|ltx\\.d\\.ts)$' },
      to: { path: 'node_modules/ltx/' },
    },
    {
      name: 'packages-know-no-app',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(apps|test)/' },
    },
    {
      name: 'the-demo-knows-no-server',
      severity: 'error',
      comment: 'apps/demo is a client with a picture; it plays on any server',
      from: { path: '^apps/demo/' },
      to: { path: '^(packages|apps/server)/', pathNot: '^packages/diagram/' },
    },
    {
      name: 'the-console-runs-in-browsers',
      severity: 'error',
      comment: 'apps/console knows the rooms that need no host, and no server',
      from: { path: '^apps/console/src/' },
      to: {
        path: '^(apps/(server|demo)|packages/(journal-lmdb|log-file|offline-lmdb|recording-files|transport-tcp))/',
      },
    },
    {
      name: 'only-the-demo-has-a-client',
      severity: 'error',
      comment: 'whoever installs the server need not install a client',
      from: { path: '^(packages|apps/server)/' },
      to: { path: 'node_modules/@xmpp/' },
    },
    {
      name: 'apps-know-no-test',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^(test|packages/testkit)/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'of types neither: what a file knows must not depend on where one begins to read',
      from: { path: '^(packages|apps)/' },
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: { path: '^(packages|apps)/' },
      // Vite makes a worker of it.
      to: { couldNotResolve: true, pathNot: '[?]worker&inline$' },
    },
  ],
  options: {
    doNotFollow: { path: '(node_modules|/dist/)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'default'] },
  },
}
