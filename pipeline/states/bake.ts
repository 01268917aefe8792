/** Bake: a weight stays in force for a while. The task's time-out is the normal end; an abort or an answer wakes it earlier, and Judge reads the row. */
import { park } from '../shared/park-execution.ts';

export const bake = park;
