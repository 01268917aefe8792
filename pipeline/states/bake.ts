/** Bake: keeps a weight in force for a while. The task's time-out is the normal end; an abort or an answer wakes it earlier. */
import { park } from '../shared/park-execution.ts';

export const bake = park;
