package dev.parley.privacy.opendp;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that need the OpenDP library. Without it they are skipped with the command that installs it; with
 * {@code CI=true} in the environment they fail instead, so that nobody takes a run without them for a green one.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiresOpenDp.Condition.class)
public @interface RequiresOpenDp {
    /** Decides. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return decide(OpenDpLibrary.locate(), "true".equals(System.getenv("CI")));
        }

        static ConditionEvaluationResult decide(OpenDpLibrary library, boolean ci) {
            return switch (library) {
                case OpenDpLibrary.Present present -> ConditionEvaluationResult.enabled("OpenDP " + present.path());
                case OpenDpLibrary.Missing missing -> {
                    if (ci) {
                        throw new IllegalStateException("CI must run OpenDP's tests. " + missing.reason());
                    }
                    yield ConditionEvaluationResult.disabled(missing.reason());
                }
            };
        }
    }
}
