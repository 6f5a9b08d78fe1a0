export interface LayerSpec {
  name: string;
  kind: 'conv' | 'depthwise' | 'dense';
  kernel: number;
  stride: number;
  padding: 'same' | 'valid';
  channels: number;
}

/** The classifier's layers in order. Convolutions end in a ReLU, the dense layer in a softmax. */
export const specs: readonly LayerSpec[] = [
  { name: 'conv1', kind: 'conv', kernel: 5, stride: 2, padding: 'same', channels: 16 },
  { name: 'conv2', kind: 'conv', kernel: 3, stride: 2, padding: 'same', channels: 32 },
  { name: 'depthwise3', kind: 'depthwise', kernel: 3, stride: 1, padding: 'same', channels: 32 },
  { name: 'pointwise3', kind: 'conv', kernel: 1, stride: 1, padding: 'same', channels: 48 },
  { name: 'conv4', kind: 'conv', kernel: 3, stride: 2, padding: 'valid', channels: 48 },
  { name: 'dense5', kind: 'dense', kernel: 3, stride: 1, padding: 'valid', channels: 10 },
];

/** Width and height of the input picture, one channel. */
export const inputSize = 28;
