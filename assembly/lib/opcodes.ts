// Numbers of the operators in the element-wise kernels' tables. Compiled into the kernels and imported by the lowerings.

export const enum UnaryOp {
  ABS,
  CEIL,
  COS,
  ELU,
  EXP,
  FLOOR,
  GELU,
  GELU_TANH,
  HARD_SWISH,
  LEAKY_RELU,
  LOG,
  LOGISTIC,
  NEG,
  RELU,
  RELU_0_TO_1,
  RELU6,
  RELU_N1_TO_1,
  ROUND,
  RSQRT,
  SIGN,
  SIN,
  SQRT,
  SQUARE,
  TANH,
}

export const enum BinaryOp {
  ADD,
  SUB,
  MUL,
  DIV,
  MAXIMUM,
  MINIMUM,
  SQUARED_DIFFERENCE,
  FLOOR_DIV,
  FLOOR_MOD,
  POW,
  PRELU,
  LOGICAL_AND,
  LOGICAL_OR,
  ABS,
  SIGN,
  BITWISE_AND,
  BITWISE_XOR,
  SHIFT_LEFT,
  SHIFT_RIGHT,
  ATAN2,
}

/** Greater and greater-or-equal are these with the operands exchanged. */
export const enum CompareOp {
  EQUAL,
  NOT_EQUAL,
  LESS,
  LESS_EQUAL,
}

/** Quantized forms; SUB is ADD with a negated second operand. */
export const enum QuantizedOp {
  ADD_EXACT,
  ADD_FAST,
  MUL_EXACT,
  MUL_FAST,
  SQUARED_DIFFERENCE,
  DIV,
  PRELU,
}

/** Element types of CAST: the schema's TensorType values. */
export const enum CastType {
  FLOAT32 = 0,
  FLOAT16 = 1,
  INT32 = 2,
  UINT8 = 3,
  INT64 = 4,
  BOOL = 6,
  INT16 = 7,
  COMPLEX64 = 8,
  INT8 = 9,
  FLOAT64 = 10,
  UINT64 = 12,
  UINT32 = 15,
  UINT16 = 16,
  BFLOAT16 = 18,
}

/** What becomes of a window and its counterpart. */
export const enum ScatterOp {
  READ,
  WRITE,
  ADD,
  MULTIPLY,
  MAXIMUM,
  MINIMUM,
}

/** What becomes of windows that are not inside of their tensor. */
export const enum Bounds {
  /** They are moved to where they are. */
  CLAMP,
  /** What is outside is left out. */
  IGNORE,
  /** The kernel fails. */
  FAIL,
  /** The same, but negative indices are left out. */
  SKIP_NEGATIVE,
}

/** Flags of the kernels of recurrent operators. */
export const enum Recurrent {
  /** No input gate: 1 - f instead. */
  CIFG = 1,
  PEEPHOLE = 2,
  /** Layer normalization of the gates. */
  NORM = 4,
  /** Activations; otherwise a clamp. */
  TANH = 8,
  SIGN_BIT = 64,
  /** Weights of int8, the state quantized at every step. */
  HYBRID = 16,
  ASYMMETRIC = 32,
  /** Weights of the state that are a diagonal, of the first gate; each next gate has the next bit. */
  DIAGONAL = 128,
  /** Weights of the state that are sparse in the model, of the first gate that there is; each next gate has the next bit. */
  SPARSE = 2048,
  ANY_SPARSE = 15 * 2048,
}

/** What relaxed products of four bytes take beside signed weights, exactly and at full range. */
export const enum RelaxedDot {
  NONE,
  UNSIGNED,
  SIGNED,
}
