/** That nothing of a name is deployed in this account and region. */
import { Rejected } from '../../core/basics/errors.ts';

export class NoPipeline extends Rejected {}
