package dev.parley.server.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;

/** A program that commits numbers, says each when it is committed, and goes on until it is killed. */
public final class CommittingProcess {
    private CommittingProcess() {}

    /** @param arguments the folder of PostgreSQL's programs, the folder of the database */
    public static void main(String[] arguments) throws Exception {
        try (Database database =
                Database.open(new DatabaseSettings.Embedded(Path.of(arguments[0])), Path.of(arguments[1]))) {
            try (Connection connection = database.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE committed (number INT PRIMARY KEY)");
                for (int number = 1; ; number++) {
                    statement.execute("INSERT INTO committed VALUES (" + number + ")");
                    System.out.println(number);
                }
            }
        }
    }
}
