#!/usr/bin/env -S node --max-semi-space-size=8
// Stanzas live for one round trip: with room for them in the young generation, collecting them costs a third.
import '../dist/smacks.js'
