package dev.parley.rounds;

import dev.parley.privacy.secagg.UpdateMasking;
import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.UpdateNoise;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a plan in protobuf's wire format (protobuf.dev, "Encoding") without protobuf: this module may not see generated
 * types, and the hash of a plan must not depend on the version of a library. Fields go out in ascending number, and a
 * field that holds its default is left out, as proto3 prescribes.
 */
final class RoundPlanBytes {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private RoundPlanBytes() {}

    static byte[] of(RoundPlan plan) {
        RoundPlanBytes bytes = new RoundPlanBytes();
        bytes.text(1, plan.federation().value());
        bytes.number(2, plan.id().round());
        bytes.number(3, plan.id().attempt());
        switch (plan.task()) {
            case Task.AgreeStatistics statistics -> bytes.number(4, 1);
            case Task.Train train -> {
                bytes.number(4, 2);
                bytes.number(5, train.round());
                bytes.number(6, train.totalRounds());
            }
        }
        bytes.hash(7, plan.modelHash());
        bytes.hash(8, plan.layoutHash());
        bytes.hash(9, plan.learningHash());
        bytes.hash(10, plan.policyHash());
        for (SiteName site : plan.cohort()) {
            bytes.text(11, site.value());
        }
        bytes.real(12, plan.clipNorm().value());
        bytes.number(14, plan.exampleCap());
        bytes.real(15, plan.proximalMu());
        bytes.number(
                16,
                switch (plan.noise()) {
                    case UpdateNoise.None none -> 1;
                    case UpdateNoise.DistributedGaussian gaussian -> 2;
                });
        bytes.number(18, plan.seed());
        bytes.number(19, plan.deadline().toEpochMilli());
        bytes.hash(20, plan.roster());
        bytes.bytes(21, masking(plan.masking()));
        bytes.number(22, plan.evaluated() ? 1 : 0);
        if (plan.noise() instanceof UpdateNoise.DistributedGaussian gaussian) {
            bytes.bytes(23, shares(gaussian));
        }
        return bytes.out.toByteArray();
    }

    private static byte[] shares(UpdateNoise.DistributedGaussian noise) {
        RoundPlanBytes bytes = new RoundPlanBytes();
        bytes.real(1, noise.multiplier().value());
        bytes.number(2, noise.shares());
        return bytes.out.toByteArray();
    }

    private static byte[] masking(UpdateMasking masking) {
        RoundPlanBytes bytes = new RoundPlanBytes();
        bytes.number(1, masking.modulus().bits());
        bytes.number(2, masking.terms().threshold());
        bytes.number(3, masking.terms().colluding());
        bytes.number(4, masking.terms().degree());
        bytes.number(5, masking.terms().groups() - 1L);
        return bytes.out.toByteArray();
    }

    private void number(int field, long value) {
        if (value != 0) {
            varint((long) field << 3 | VARINT);
            varint(value);
        }
    }

    private void real(int field, double value) {
        long bits = Double.doubleToRawLongBits(value);
        if (bits != 0) {
            varint((long) field << 3 | FIXED64);
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                out.write((int) (bits >>> shift));
            }
        }
    }

    private void text(int field, String value) {
        bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private void hash(int field, ContentHash hash) {
        bytes(field, hash.bytes());
    }

    private void bytes(int field, byte[] value) {
        varint((long) field << 3 | LENGTH_DELIMITED);
        varint(value.length);
        out.writeBytes(value);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
