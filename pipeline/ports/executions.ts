/** The executions port: starts, reads, stops and wakes executions of the state machine. */

export type ExecutionStatus = 'running' | 'closed' | 'absent';

export interface Executions {
  /**
   * Starts the service's state machine under a name. If it is started already, that is no error. `foreign`: the name was used with another
   * input, so this start did not happen.
   */
  start(
    name: string,
    input: { service: string; release: string; attempt: number; token?: number },
  ): Promise<'started' | 'running' | 'closed' | 'foreign'>;
  status(name: string): Promise<ExecutionStatus>;
  /** Continues a closed, failed execution where it stopped, like the console's redrive button. False: not possible (any more). */
  redrive(name: string): Promise<boolean>;
  /** When its history last grew; null: there is no such execution. */
  moved(name: string): Promise<number | null>;
  /** Stops a running execution. If it is closed or absent, that is no error. What it has begun may continue for a while. */
  stop(name: string, why: string): Promise<void>;
  /** Wakes a parked task. An outdated token is no error. */
  wake(taskToken: string): Promise<void>;
  /** Names of running executions that are called as recoveries of a service are. */
  recoveries(service: string): Promise<string[]>;
}
