package dev.parley.sim.world;

import java.awt.image.BufferedImage;
import java.util.SplittableRandom;

/**
 * What a site's scanner or camera makes of a scene.
 *
 * @param side pixels along each side of the stored image
 * @param brightness added to every pixel
 * @param contrast factor around middle grey
 * @param noise standard deviation of a pixel's noise; full scale is 1
 * @param shading how much brighter the top is than the bottom
 */
record Camera(int side, double brightness, double contrast, double noise, double shading) {
    /** An 8-bit grey image; what falls outside the scale saturates. */
    BufferedImage expose(GreyCanvas scene, SplittableRandom random) {
        var image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_GRAY);
        var raster = image.getRaster();
        for (int row = 0; row < side; row++) {
            double light = 0.5 + brightness - shading * ((double) row / (side - 1) - 0.5);
            for (int column = 0; column < side; column++) {
                double grey = light + contrast * (scene.light(row, column) - 0.5) + noise * random.nextGaussian();
                raster.setSample(column, row, 0, Math.clamp(Math.round(grey * 255), 0, 255));
            }
        }
        return image;
    }
}
