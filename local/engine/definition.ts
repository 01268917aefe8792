/** A state machine as the engine runs it: checked, with compiled expressions. */
import type { Template } from './expressions.ts';

/** Where a state goes: no `next` ends the execution. */
export interface Exit {
  next: string | undefined;
  output: Template | undefined;
  assign: Template | undefined;
}
export interface Rule extends Exit {
  condition: Template;
  location: string;
}
export interface Retrier {
  errors: string[];
  interval: number;
  attempts: number;
  backoff: number;
  longest: number;
  jitter: boolean;
}
export interface Catcher extends Exit {
  errors: string[];
}

interface Named {
  name: string;
}
export interface Task extends Named, Exit {
  type: 'Task';
  resource: string;
  /** How the resource is called: a function by its ARN, `lambda:invoke`, or that and a wait for the task token. */
  kind: 'function' | 'invoke' | 'token';
  arguments: Template;
  timeout: Template | undefined;
  heartbeat: Template | undefined;
  retry: Retrier[];
  catch: Catcher[];
}
export interface Choice extends Named {
  type: 'Choice';
  rules: Rule[];
  /** Where to go when no rule matches. */
  otherwise: Exit;
}
export interface Wait extends Named, Exit {
  type: 'Wait';
  seconds: Template | undefined;
  timestamp: Template | undefined;
}
export interface Pass extends Named, Exit {
  type: 'Pass' | 'Succeed';
}
export interface Fail extends Named {
  type: 'Fail';
  error: Template | undefined;
  cause: Template | undefined;
}
export type State = Task | Choice | Wait | Pass | Fail;

export interface Definition {
  startAt: string;
  /** Seconds, for the whole execution. */
  timeout: number | undefined;
  states: ReadonlyMap<string, State>;
}
