/** What training leaves in build/digits.json. */
export interface Trained {
  /** In the order of network.ts's `specs`, weights in its layout. */
  layers: {
    name: string;
    weights: number[];
    bias: number[];
    /** Least and greatest output on drawn digits. */
    min: number;
    max: number;
  }[];
  /** How many digits it was trained on, and for how long. */
  pictures: number;
  seconds: number;
}
