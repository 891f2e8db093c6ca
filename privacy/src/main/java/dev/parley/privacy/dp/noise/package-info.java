/**
 * Noise that protects: integers drawn from discrete laws, by exact arithmetic or by tables whose distance from the exact
 * law is proved and counted, out of a cryptographic generator. {@link dev.parley.privacy.dp.noise.NoiseLaw} says what is
 * drawn, {@link dev.parley.privacy.dp.noise.ExactSampler} and {@link dev.parley.privacy.dp.noise.TableSampler} how,
 * {@link dev.parley.privacy.dp.noise.NoiseSource} from what; {@link dev.parley.privacy.dp.noise.FixedPointGaussian} brings
 * it to vectors of floats.
 *
 * <p><b>Why integers.</b> A Gaussian that is computed in floating point has holes and tell-tale last bits, by which a
 * single release can show what it was added to (Mironov 2012; Jin, McMurtry, Rubinstein and Ohrimenko 2022). Here no
 * floating-point number takes part in deciding what is drawn.
 *
 * <p>What may not enter: accountants, records, updates, tensors, clocks, floating-point samplers.
 */
@NullMarked
package dev.parley.privacy.dp.noise;

import org.jspecify.annotations.NullMarked;
