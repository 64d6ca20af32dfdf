/** The option that most commands have. */
export const configOption = ['-c, --config <file>', 'the configuration, in TOML (default: built in)'] as const
