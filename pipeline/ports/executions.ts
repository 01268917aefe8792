/** Executions of the state machine: started, asked for, stopped and woken. */

export type ExecutionStatus = 'running' | 'closed' | 'absent';

export interface Executions {
  /** Starts the service's state machine under a name; started already, by anyone: fine. */
  start(
    name: string,
    input: { service: string; release: string; attempt: number; token?: number },
  ): Promise<'started' | 'running' | 'closed'>;
  status(name: string): Promise<ExecutionStatus>;
  /** A closed execution that failed goes on where it stopped, as by the console's button. False: this one cannot (any more). */
  redrive(name: string): Promise<boolean>;
  /** When its history last grew; null: absent. */
  moved(name: string): Promise<number | null>;
  /** Ends a running execution where it stands; closed already, or absent: fine. What it has begun may go on for a while. */
  stop(name: string, why: string): Promise<void>;
  /** Wakes a parked task; an old token is fine. */
  wake(taskToken: string): Promise<void>;
  /** Names of running recovery executions of a service. */
  recoveries(service: string): Promise<string[]>;
}
