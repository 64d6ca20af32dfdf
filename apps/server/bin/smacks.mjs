#!/usr/bin/env node
// Stanzas live for one round trip: with room for them in the young generation, collecting them costs a third.
import '../dist/smacks.js'
