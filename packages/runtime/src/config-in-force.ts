/** The options in force, and the step made of them: those of all accounts but the ones that have not been told yet. */
import { type Config, isSameConfig, type Step, type StepRun, step, stepRun } from '@smacks/core'

export class ConfigInForce {
  private current: Config
  private made: Step
  private madeOfRuns: StepRun

  /** Whether queues are kept in storage is the journal's matter, whatever the options say. */
  constructor(
    config: Config,
    private readonly queueStorage: boolean,
  ) {
    this.current = { ...config, queueStorage }
    this.made = step(this.current)
    this.madeOfRuns = stepRun(this.current)
  }

  get config(): Config {
    return this.current
  }

  get step(): Step {
    return this.made
  }

  get stepRun(): StepRun {
    return this.madeOfRuns
  }

  /** The step of an account whose options are others. */
  under(own: Config): Step {
    return step(own)
  }

  /** Many accounts share few objects. */
  is(config: Config): boolean {
    return isSameConfig(config, this.current)
  }

  /** Puts other options in force. Returns those before them; nothing if they are the same. */
  replace(next: Config): Config | undefined {
    const config = { ...next, queueStorage: this.queueStorage }
    if (this.is(config)) return undefined
    const before = this.current
    this.current = config
    this.made = step(config)
    this.madeOfRuns = stepRun(config)
    return before
  }
}
