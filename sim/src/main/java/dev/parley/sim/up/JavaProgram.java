package dev.parley.sim.up;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start a program in a Java virtual machine like this one.
 *
 * @param java the executable
 * @param flags of the virtual machine
 * @param mainClass takes {@code coordinator} or {@code agent}, then that program's arguments, and begins with
 *     {@link ParentWatch#begin}
 */
record JavaProgram(Path java, List<String> flags, String classPath, String mainClass) {
    JavaProgram {
        flags = List.copyOf(flags);
    }

    /** This process's executable, flags and class path; a debugger's port is not inherited, it is taken. */
    static JavaProgram likeThis(Class<?> mainClass) {
        return new JavaProgram(
                Path.of(System.getProperty("java.home", ""), "bin", "java"),
                ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(flag -> !flag.startsWith("-agentlib:jdwp") && !flag.startsWith("-Xrunjdwp"))
                        .toList(),
                System.getProperty("java.class.path", ""),
                mainClass.getName());
    }

    /** The same with one more flag of the virtual machine. */
    JavaProgram with(String flag) {
        List<String> more = new ArrayList<>(flags);
        more.add(flag);
        return new JavaProgram(java, more, classPath, mainClass);
    }

    /** @param log gets standard output and standard error, appended */
    ProcessBuilder builder(List<String> arguments, Path log) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        command.addAll(arguments);
        File file = log.toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file));
    }
}
