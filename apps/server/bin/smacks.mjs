#!/usr/bin/env -S node --max-semi-space-size=8
// Stanzas live for one round trip, and so does nearly all that is made for one. The young generation does not shrink once it has
// grown, to three times this at most; with 64 a message costs as much (25 to 28 us, as with 16), and an idle server takes 60 MB more.
import '../dist/smacks.js'
