/** AwaitApproval: parks until a person has answered, or until the time limit. Smoke asks, and Shift reads the answer: `shared/approval.ts`. */
import { park } from '../shared/park-execution.ts';

export const awaitApproval = park;
