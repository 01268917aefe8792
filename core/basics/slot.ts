/** The two slots of a service, blue and green, and how traffic is shared between them. */

export type Slot = 'blue' | 'green';
export const slots = ['blue', 'green'] as const satisfies readonly Slot[];
export const otherSlot = (slot: Slot): Slot => (slot === 'blue' ? 'green' : 'blue');

/** Percent per slot; a rule's two weights. They sum to 100. */
export type Weights = Record<Slot, number>;
export const allOn = (slot: Slot): Weights => ({ blue: slot === 'blue' ? 100 : 0, green: slot === 'green' ? 100 : 0 });
/** The slot at 100, or the heavier one while a step is in force. */
export const fullSlot = (weights: Weights): Slot => (weights.green > weights.blue ? 'green' : 'blue');
