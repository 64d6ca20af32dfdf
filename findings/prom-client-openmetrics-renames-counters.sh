#!/usr/bin/env bash
# prom-client 15.1.3 changes the name of a counter when it is written as OpenMetrics once: from then on the text format of the
# same registry has it without `_total`, for good. A server that chooses the format by the Accept header gives other names to one
# scraper as soon as another one has asked for OpenMetrics, and queries on `..._total` find nothing more. A registry of its own
# for each format helps, with metrics of its own.
#
# Needs: Node 20, npm. Seen on 2026-12-01:
#   text format: stanzas_total 1
#   text format, after OpenMetrics was written once: stanzas 1
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund prom-client@15.1.3 >/dev/null

cat >observe.mjs <<'JS'
import { Counter, Registry } from 'prom-client'

const registry = new Registry()
new Counter({ name: 'stanzas_total', help: 'Stanzas.', registers: [registry] }).inc()
const sample = async () => (await registry.metrics()).split('\n').find(line => line.startsWith('stanzas'))
console.log(`text format: ${await sample()}`)
registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
await registry.metrics()
registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE)
console.log(`text format, after OpenMetrics was written once: ${await sample()}`)
JS

seen=$(node observe.mjs)
echo "$seen"
[ "$seen" = "text format: stanzas_total 1
text format, after OpenMetrics was written once: stanzas 1" ]
