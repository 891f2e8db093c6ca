package dev.parley.privacy.opendp;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** The loaded library: one for the process, for its whole life. The only class that turns a name into a function. */
final class NativeLibrary {
    /**
     * {@code FfiResult}: a tag (0 is Ok), padding, and a pointer to what was made or to the error; returned by value.
     */
    static final StructLayout RESULT = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("tag"),
            MemoryLayout.paddingLayout(4),
            ValueLayout.ADDRESS.withName("pointer"));

    private static final Linker LINKER = Linker.nativeLinker();

    private static OpenDpLibrary.@Nullable Present loaded;
    private static @Nullable SymbolLookup symbols;

    private NativeLibrary() {}

    /** Loads the library; the second time does nothing. */
    @SuppressWarnings("restricted") // the file's SHA-256 has been checked, and its interface is the pinned version's
    static synchronized void load(OpenDpLibrary.Present library) {
        if (loaded == null) {
            symbols = SymbolLookup.libraryLookup(library.path(), Arena.global());
            loaded = library;
        } else if (!loaded.sha256().equals(library.sha256())) {
            throw new IllegalStateException("this process has loaded OpenDP from " + loaded.path()
                    + " and cannot load another build from " + library.path() + "; start a new process for it");
        }
    }

    /**
     * A function of the library.
     *
     * @param result layout of what it returns
     * @param arguments layouts of its arguments
     * @throws IllegalStateException if nothing is loaded, or the library has no such function
     */
    @SuppressWarnings("restricted") // layouts come from the library's own description of its functions
    static synchronized MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        if (symbols == null) {
            throw new IllegalStateException("no OpenDP library is loaded; open a session first: OpenDp.open(...)");
        }
        return LINKER.downcallHandle(
                symbols.find(name)
                        .orElseThrow(() -> new IllegalStateException("the loaded OpenDP library has no function " + name
                                + ", so it is not version " + OpenDpLibrary.VERSION + "; build it again: "
                                + OpenDpLibrary.COMMAND)),
                FunctionDescriptor.of(result, arguments));
    }
}
