package dev.parley.learning.multimodal;

/** A small symmetric matrix and its powers, by cyclic Jacobi rotations (Golub and Van Loan, section 8.5). */
final class SymmetricMatrix {
    private static final int MAX_SWEEPS = 100;

    private final int size;
    private final double[] values;

    /** @param values row-major, copied; only the upper triangle is trusted to be finite and is mirrored */
    SymmetricMatrix(int size, double[] values) {
        this.size = size;
        this.values = values.clone();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                this.values[i * size + j] = this.values[j * size + i];
            }
        }
    }

    /**
     * The symmetric inverse square root, row-major: whitens without turning the axes more than it must. Eigenvalues below
     * {@code floor} times the largest count as that floor, so that a direction without variance is not blown up.
     *
     * @return the identity if no eigenvalue is positive
     */
    double[] inverseSquareRoot(double floor) {
        double[] diagonal = values.clone();
        double[] vectors = new double[size * size];
        for (int i = 0; i < size; i++) {
            vectors[i * size + i] = 1;
        }
        diagonalise(diagonal, vectors);
        double largest = 0;
        for (int i = 0; i < size; i++) {
            largest = Math.max(largest, diagonal[i * size + i]);
        }
        double[] root = new double[size * size];
        for (int k = 0; k < size; k++) {
            double eigenvalue = largest > 0 ? Math.max(diagonal[k * size + k], floor * largest) : 1;
            double factor = 1 / Math.sqrt(eigenvalue);
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < size; j++) {
                    root[i * size + j] += factor * vectors[i * size + k] * vectors[j * size + k];
                }
            }
        }
        return root;
    }

    private void diagonalise(double[] a, double[] vectors) {
        for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
            double off = 0;
            double on = 0;
            for (int i = 0; i < size; i++) {
                on += a[i * size + i] * a[i * size + i];
                for (int j = i + 1; j < size; j++) {
                    off += a[i * size + j] * a[i * size + j];
                }
            }
            if (off <= 1e-30 * on || off == 0) {
                return;
            }
            for (int p = 0; p < size; p++) {
                for (int q = p + 1; q < size; q++) {
                    rotate(a, vectors, p, q);
                }
            }
        }
    }

    private void rotate(double[] a, double[] vectors, int p, int q) {
        double apq = a[p * size + q];
        if (apq == 0) {
            return;
        }
        double theta = (a[q * size + q] - a[p * size + p]) / (2 * apq);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double c = 1 / Math.sqrt(t * t + 1);
        double s = t * c;
        for (int k = 0; k < size; k++) {
            double kp = a[k * size + p];
            double kq = a[k * size + q];
            a[k * size + p] = c * kp - s * kq;
            a[k * size + q] = s * kp + c * kq;
        }
        for (int k = 0; k < size; k++) {
            double pk = a[p * size + k];
            double qk = a[q * size + k];
            a[p * size + k] = c * pk - s * qk;
            a[q * size + k] = s * pk + c * qk;
            double vp = vectors[k * size + p];
            double vq = vectors[k * size + q];
            vectors[k * size + p] = c * vp - s * vq;
            vectors[k * size + q] = s * vp + c * vq;
        }
    }
}
