/** An execution's events, stored as plain values and converted to AWS's form when they are read. */

export interface HistoryEvent {
  id: number;
  /** The event that caused this one. */
  previousEventId: number;
  /** Epoch milliseconds. */
  timestamp: number;
  type: string;
  /** The details with `input`, `output`, `parameters` and `assignedVariables` as values, not yet as JSON text. */
  details: Readonly<Record<string, unknown>> | undefined;
}

/** The same as GetExecutionHistory gives it. */
export interface RecordedEvent {
  id: number;
  previousEventId: number;
  timestamp: Date;
  type: string;
  [details: `${string}EventDetails`]: Record<string, unknown>;
}

/** AWS ends an execution at this many events; the last is ExecutionFailed. Developer guide, "Service quotas". */
export const mostEvents = 25_000;

const truncated = { truncated: false };

const text = (details: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const written: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(details)) {
    if (value === undefined) continue;
    if (key === 'assignedVariables') {
      const variables = Object.entries(value as object).map(([name, item]) => [name, JSON.stringify(item)]);
      written[key] = Object.fromEntries(variables);
      written.assignedVariablesDetails = truncated;
    } else if (key === 'input' || key === 'output') {
      written[key] = JSON.stringify(value);
      written[`${key}Details`] = truncated;
    } else written[key] = key === 'parameters' ? JSON.stringify(value) : value;
  }
  return written;
};

/** `TaskStateEntered` has its details under `stateEnteredEventDetails`, `TaskFailed` under `taskFailedEventDetails`. */
const detailsKey = (type: string): `${string}EventDetails` => {
  const state = /State(Entered|Exited)$/.exec(type);
  const name = state === null ? type : `state${state[1]}`;
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
};

export const recorded = ({ id, previousEventId, timestamp, type, details }: HistoryEvent): RecordedEvent => ({
  id,
  previousEventId,
  timestamp: new Date(timestamp),
  type,
  ...(details === undefined ? {} : { [detailsKey(type)]: text(details) }),
});
