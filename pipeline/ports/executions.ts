/** Executions of the state machine: started, asked for, stopped and woken. */

export type ExecutionStatus = 'running' | 'closed' | 'absent';

export interface Executions {
  /**
   * Starts the service's state machine under a name; started already, by anyone: fine. `foreign`: the name was used with another input, so
   * that this start did not happen.
   */
  start(
    name: string,
    input: { service: string; release: string; attempt: number; token?: number },
  ): Promise<'started' | 'running' | 'closed' | 'foreign'>;
  status(name: string): Promise<ExecutionStatus>;
  /** A closed execution that failed goes on where it stopped, as by the console's button. False: this one cannot (any more). */
  redrive(name: string): Promise<boolean>;
  /** When its history last grew; null: absent. */
  moved(name: string): Promise<number | null>;
  /** Ends a running execution where it stands; closed already, or absent: fine. What it has begun may go on for a while. */
  stop(name: string, why: string): Promise<void>;
  /** Wakes a parked task; an old token is fine. */
  wake(taskToken: string): Promise<void>;
  /** Names of running executions that are called as recoveries of a service are. */
  recoveries(service: string): Promise<string[]>;
}
