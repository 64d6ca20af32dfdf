/** What Debian says of its packages. */
import { spawnSync } from 'node:child_process'

/** The version that is installed. */
export const debianVersion = (name: string): string =>
  spawnSync('dpkg-query', ['-W', '-f', '${' + 'Version}', name], { encoding: 'utf8' }).stdout?.trim() || 'unknown'
