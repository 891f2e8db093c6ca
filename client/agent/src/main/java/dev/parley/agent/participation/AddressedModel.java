package dev.parley.agent.participation;

import dev.parley.privacy.update.ContentHash;
import dev.parley.privacy.update.ParameterVector;
import dev.parley.privacy.update.Safetensors;
import java.util.Map;

/** A model together with the hash of the safetensors bytes that it was read from; the two cannot disagree. */
public final class AddressedModel {
    private final ContentHash hash;
    private final ParameterVector parameters;

    private AddressedModel(ContentHash hash, ParameterVector parameters) {
        this.hash = hash;
        this.parameters = parameters;
    }

    /** @throws Safetensors.MalformedSafetensorsException if the bytes are not a safetensors file of float32 blocks */
    public static AddressedModel read(byte[] safetensors) {
        return new AddressedModel(ContentHash.of(safetensors), Safetensors.read(safetensors));
    }

    /** The model as the coordinator stores it: without metadata. */
    public static AddressedModel of(ParameterVector parameters) {
        return new AddressedModel(ContentHash.of(Safetensors.write(parameters, Map.of())), parameters);
    }

    public ContentHash hash() {
        return hash;
    }

    public ParameterVector parameters() {
        return parameters;
    }

    @Override
    public String toString() {
        return "AddressedModel[" + hash.abbreviated() + "]";
    }
}
