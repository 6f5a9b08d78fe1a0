/** Seeds of the example's series of digits (see `drawDigit`): what is trained on is never measured on. */
export const seeds = {
  weights: 1,
  training: 2,
  calibration: 3,
  validation: 4,
  heldOut: 97_531,
  samples: 6,
} as const;
