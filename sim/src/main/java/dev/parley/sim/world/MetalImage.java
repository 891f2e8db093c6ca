package dev.parley.sim.world;

import static dev.parley.sim.world.GreyCanvas.bump;
import static dev.parley.sim.world.GreyCanvas.square;
import static dev.parley.sim.world.GreyCanvas.step;

import java.util.SplittableRandom;

/**
 * Something like an inspected metal surface. Damage of the surface shows as dark jagged cracks, longer and darker the
 * worse it is; heat as bright spots. Brushed texture, bolts, a seam, stains and uneven light say nothing of the label.
 *
 * @param crack length times contrast of the cracks for each unit of evidence of damage
 * @param glow summed contrast of the hot spots for each unit of evidence of heat
 */
record MetalImage(double crack, double glow) {
    /** Evidence that is shown as nothing at all: what lies below it can no longer be told apart. */
    private static final double FLOOR = -2.6;

    /** @param machine all images of one machine have the same bolts and seam */
    GreyCanvas draw(double damage, double heat, int side, SplittableRandom machine, SplittableRandom random) {
        GreyCanvas scene = new GreyCanvas(side);
        addSurface(scene, random);
        addFittings(scene, machine);
        for (int i = random.nextInt(0, 3); i > 0; i--) {
            double radius = random.nextDouble(0.2, 0.45);
            scene.addSpot(place(random), place(random), radius, radius * random.nextDouble(0.5, 1), -0.05);
        }
        addCracks(scene, crack * Math.max(0, damage - FLOOR), random);
        addHotSpots(scene, glow * Math.max(0, heat - FLOOR), random);
        return scene;
    }

    private static double place(SplittableRandom random) {
        return random.nextDouble(-0.85, 0.85);
    }

    private static void addSurface(GreyCanvas scene, SplittableRandom random) {
        double tiltX = random.nextDouble(-0.05, 0.05);
        double tiltY = random.nextDouble(-0.05, 0.05);
        scene.add((x, y) -> 0.48 + tiltX * x + tiltY * y);
        for (int i = 0; i < 60; i++) {
            double y = random.nextDouble(-1, 1);
            double x = random.nextDouble(-1.4, 1);
            double end = x + random.nextDouble(0.3, 1.6);
            scene.addStroke(x, y, end, y, random.nextDouble(0.02, 0.05), random.nextDouble(-0.05, 0.05));
        }
    }

    private static void addFittings(GreyCanvas scene, SplittableRandom machine) {
        double seam = machine.nextDouble(-0.7, 0.7);
        if (machine.nextBoolean()) {
            scene.addStroke(seam, -1, seam, 1, 0.05, -0.1);
        } else {
            scene.addStroke(-1, seam, 1, seam, 0.05, -0.1);
        }
        int bolts = machine.nextInt(1, 4);
        for (int i = 0; i < bolts; i++) {
            double x = machine.nextBoolean() ? 0.75 : -0.75;
            double y = -0.6 + 0.6 * i + machine.nextDouble(-0.15, 0.15);
            scene.add((px, py) -> bolt(square(px - x) + square(py - y)));
        }
    }

    /** A lighter head within a dark ring. */
    private static double bolt(double squaredDistance) {
        double radius = 0.13;
        double head = 0.1 * step((square(radius) - squaredDistance) / 0.006);
        return head - 0.14 * bump(square((squaredDistance - square(radius)) / 0.012));
    }

    /** One crack after the other until length times contrast is spent. */
    private static void addCracks(GreyCanvas scene, double total, SplittableRandom random) {
        double contrast = random.nextDouble(0.3, 0.42);
        double left = total / contrast;
        while (left > 0) {
            double x = place(random);
            double y = place(random);
            double headingX = random.nextDouble(-1, 1);
            double headingY = random.nextDouble(-1, 1);
            double turn = StrictMath.sqrt(square(headingX) + square(headingY) + 0.01);
            for (int i = random.nextInt(3, 7); i > 0 && left > 0; i--) {
                double length = Math.min(left, random.nextDouble(0.15, 0.3));
                double endX = x + length * (headingX / turn + random.nextDouble(-0.6, 0.6));
                double endY = y + length * (headingY / turn + random.nextDouble(-0.6, 0.6));
                scene.addStroke(x, y, endX, endY, 0.08, -contrast);
                x = Math.clamp(endX, -0.95, 0.95);
                y = Math.clamp(endY, -0.95, 0.95);
                left -= length;
            }
        }
    }

    private static void addHotSpots(GreyCanvas scene, double total, SplittableRandom random) {
        double contrast = random.nextDouble(0.24, 0.36);
        for (double left = total; left > 0; left -= contrast) {
            double radius = random.nextDouble(0.24, 0.36);
            double stretch = random.nextDouble(0.8, 1.25);
            scene.addSpot(place(random), place(random), radius * stretch, radius / stretch, Math.min(left, contrast));
        }
    }
}
