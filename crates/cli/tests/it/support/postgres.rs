//! A place in a PostgreSQL database.

/// A schema of its own, on the server that the environment names; gone with this value.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// An empty place.
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests names the server in the environment")]
    pub(crate) fn fresh() -> Database {
        let server = std::env::var("PUNCTUAL_TEST_POSTGRES").expect(
            "this needs a PostgreSQL: run it by scripts/with-postgres, or set PUNCTUAL_TEST_POSTGRES to the postgres:// \
             address of a database whose user may make schemas",
        );
        let name = format!("nodes_{}_{}", std::process::id(), fastrand::u32(..));
        let database = Database { server, name };
        database.administer(&format!("CREATE SCHEMA {}", database.name));
        database
    }

    /// The address of the store.
    pub(crate) fn address(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{joint}sslmode=disable&options=-c%20search_path%3D{}", self.server, self.name)
    }

    /// Has a statement done on the server.
    pub(crate) fn administer(&self, sql: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let connected = tokio_postgres::connect(&self.server, tokio_postgres::NoTls).await;
            let (client, connection) = connected.expect("the server can be reached");
            let connection = tokio::spawn(connection);
            client.batch_execute(sql).await.expect("the server does it");
            drop(client);
            connection.await.expect("the connection ends").expect("it ends well");
        });
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.administer(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}
