package dev.parley.sim.world;

import static dev.parley.sim.world.GreyCanvas.bump;
import static dev.parley.sim.world.GreyCanvas.square;
import static dev.parley.sim.world.GreyCanvas.step;

import java.util.SplittableRandom;

/**
 * Something like a chest film. Focal disease shows as soft opacities in the lung fields, more of them and more dense
 * the stronger it is; poor oxygenation as haze over the bases. Body, ribs, heart, diaphragm, vessels and leads say
 * nothing of the label.
 *
 * @param opacity summed contrast of the opacities for each unit of focal evidence
 * @param haze contrast of the haze for each unit of evidence of poor oxygenation
 */
record ChestImage(double opacity, double haze) {
    /** Evidence that is shown as nothing at all: what lies below it can no longer be told apart. */
    private static final double FLOOR = -2.6;

    private static final double LUNG_CENTRE = 0.43;
    private static final double RIB_DISTANCE = 0.19;

    /** @param subject all images of one subject have the same build */
    GreyCanvas draw(double focal, double oxygenation, int side, SplittableRandom subject, SplittableRandom random) {
        Build build = Build.draw(subject, random);
        GreyCanvas tissue = new GreyCanvas(side);
        tissue.add(build::lung);
        GreyCanvas scene = new GreyCanvas(side);
        scene.add(build::light);
        GreyCanvas disease = new GreyCanvas(side);
        double veil = haze * Math.max(0, oxygenation - FLOOR);
        disease.add((x, y) -> veil * step((y + 0.35) / 0.8));
        addOpacities(disease, build, opacity * Math.max(0, focal - FLOOR), random);
        addVessels(disease, build, random);
        scene.add(disease, tissue);
        addLeads(scene, random);
        return scene;
    }

    /** One opacity after the other until the summed contrast is spent. */
    private static void addOpacities(GreyCanvas canvas, Build build, double total, SplittableRandom random) {
        double contrast = random.nextDouble(0.24, 0.36);
        boolean right = random.nextBoolean();
        for (double left = total; left > 0; left -= contrast) {
            boolean onRight = random.nextDouble() < 0.75 ? right : !right;
            double x = 0;
            double y = 0;
            for (int attempt = 0; attempt < 20 && build.lung(x, y) < 0.7; attempt++) {
                x = (onRight ? 1 : -1) * random.nextDouble(0.2, 0.75);
                y = random.nextDouble(-0.6, 0.6);
            }
            double radius = random.nextDouble(0.22, 0.32);
            double stretch = random.nextDouble(0.8, 1.25);
            canvas.addSpot(x, y, radius * stretch, radius / stretch, Math.min(left, contrast));
        }
    }

    private static void addVessels(GreyCanvas canvas, Build build, SplittableRandom random) {
        int vessels = random.nextInt(6, 12);
        for (int i = 0; i < vessels; i++) {
            double side = random.nextBoolean() ? 1 : -1;
            double x = build.centre(side * 0.2, 0);
            double y = random.nextDouble(-0.15, 0.2);
            double endX = x + side * random.nextDouble(0.1, 0.35);
            double endY = y + random.nextDouble(-0.4, 0.45);
            canvas.addStroke(x, y, endX, endY, 0.035, random.nextDouble(0.03, 0.07));
        }
    }

    /** Wires of a monitor, on some films. */
    private static void addLeads(GreyCanvas canvas, SplittableRandom random) {
        int leads = random.nextDouble() < 0.2 ? random.nextInt(1, 3) : 0;
        for (int i = 0; i < leads; i++) {
            double x = random.nextDouble(-0.7, 0.7);
            double y = random.nextDouble(-0.5, 0.4);
            canvas.addSpot(x, y, 0.06, 0.06, 0.35);
            canvas.addStroke(x, y, x + random.nextDouble(-0.5, 0.5), 1, 0.03, 0.18);
        }
    }

    /**
     * How a subject is built, and how they stood before the detector.
     *
     * @param shiftX where the spine is
     * @param width factor of all widths
     * @param heart half the heart's width
     * @param diaphragm height of the domes' edges, downwards
     * @param ribs height of the first rib
     */
    private record Build(double shiftX, double shiftY, double width, double heart, double diaphragm, double ribs) {
        static Build draw(SplittableRandom subject, SplittableRandom random) {
            double width = subject.nextDouble(0.9, 1.08);
            double heart = subject.nextDouble(0.24, 0.36);
            double ribs = subject.nextDouble(0, RIB_DISTANCE);
            return new Build(
                    random.nextDouble(-0.06, 0.06),
                    random.nextDouble(-0.06, 0.06),
                    width,
                    heart,
                    subject.nextDouble(0.52, 0.62) + random.nextDouble(-0.07, 0.07),
                    ribs);
        }

        /** From a position relative to the spine to one in the image. */
        double centre(double x, double dx) {
            return x * width + shiftX + dx;
        }

        /** Share of lung along the ray at a point: 0 in the body's wall, heart and abdomen, 1 in the open field. */
        double lung(double imageX, double imageY) {
            double x = (imageX - shiftX) / width;
            double y = imageY - shiftY;
            double radius = 0.34 * (0.72 + 0.28 * step((y + 0.85) / 0.8));
            double across = (Math.abs(x) - LUNG_CENTRE) / radius;
            double field = step((1 - square(across) - square((y + 0.05) / 0.8)) / 0.35);
            double dome = diaphragm - 0.16 * (1 - square(across)) + (x < 0 ? -0.05 : 0);
            double heartField = step((1 - square((x - 0.15) / heart) - square((y - 0.3) / 0.33)) / 0.35);
            double middle = step((0.17 - Math.abs(x)) / 0.1);
            return field * step((dome - y) / 0.07) * (1 - heartField) * (1 - middle);
        }

        double light(double imageX, double imageY) {
            double x = (imageX - shiftX) / width;
            double y = imageY - shiftY;
            double halfWidth = 0.36 + 0.6 * step((y + 1.05) / 0.45);
            double body = step((halfWidth - Math.abs(x)) / 0.1);
            double spine = bump(square(x / 0.12)) * 0.1;
            double abdomen = 0.1 * step((y - diaphragm + 0.1) / 0.2);
            double clavicle =
                    0.12 * bump(square((y + 0.72 - 0.16 * Math.abs(x)) / 0.05)) * step((0.75 - Math.abs(x)) / 0.1);
            return 0.06 + body * (0.56 + spine + abdomen + clavicle + rib(x, y)) - 0.4 * lung(imageX, imageY);
        }

        private double rib(double x, double y) {
            double along = (y - ribs - 0.42 * square(Math.abs(x) - 0.2) + 1) / RIB_DISTANCE;
            double fromMiddle = (along - Math.floor(along) - 0.5) / 0.3;
            double within =
                    step((0.88 - Math.abs(x)) / 0.08) * step((Math.abs(x) - 0.1) / 0.1) * step((0.75 - y) / 0.2);
            return 0.08 * bump(square(fromMiddle)) * within;
        }
    }
}
