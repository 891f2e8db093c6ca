package dev.parley.rounds;

import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import java.util.Map;

/**
 * A model as it is kept and fetched.
 *
 * @param model the values
 * @param safetensors the file, without metadata, so that it depends on the values alone; not copied, not to be changed
 * @param hash SHA-256 of the file: the version's name
 */
public record ReleasedVersion(ParameterVector model, byte[] safetensors, ContentHash hash) {
    public static ReleasedVersion of(ParameterVector model) {
        byte[] file = Safetensors.write(model, Map.of());
        return new ReleasedVersion(model, file, ContentHash.of(file));
    }

    @Override
    public String toString() {
        return "ReleasedVersion[" + hash.abbreviated() + ", " + safetensors.length + " bytes]";
    }
}
