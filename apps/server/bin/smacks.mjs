#!/usr/bin/env node
import '../dist/smacks.js'
