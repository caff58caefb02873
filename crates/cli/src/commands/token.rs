//! `punctual token`: API tokens.

use crate::args::StoreArgs;
use crate::configuration::File;
use crate::exit::{Exit, Outcome, say};
use crate::open::{Place, start, visit};
use crate::table::table;
use clap::{Args, Subcommand, ValueEnum};
use connectors::http::AddressPolicy;
use engine::Duty;
use engine::ops::{Actor, Role};

#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    what: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token; the secret is shown once
    #[command(after_help = "Example:\n  punctual token create --role desk --name \"Front desk\" --practice northside")]
    Create(CreateArgs),
    /// List tokens
    #[command(after_help = "Example:\n  punctual token list")]
    List(ListArgs),
    /// Revoke a token by its id; its sessions end with it
    #[command(after_help = "Example:\n  punctual token revoke tok_1f2e3d4c5b6a")]
    Revoke(RevokeArgs),
}

#[derive(Args, Debug)]
struct CreateArgs {
    /// What its holder may do
    #[arg(long, value_enum)]
    role: RoleWord,
    /// Who holds it, for the audit log
    #[arg(long)]
    name: String,
    /// Confine it to one practice
    #[arg(long)]
    practice: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
struct ListArgs {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Args, Debug)]
struct RevokeArgs {
    /// The token's id (not its secret)
    id: String,
    #[command(flatten)]
    store: StoreArgs,
}

/// The roles by their words.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleWord {
    Admin,
    Engineer,
    Support,
    Desk,
    Compliance,
    Platform,
}

impl RoleWord {
    fn role(self) -> Role {
        match self {
            RoleWord::Admin => Role::Admin,
            RoleWord::Engineer => Role::Engineer,
            RoleWord::Support => Role::Support,
            RoleWord::Desk => Role::Desk,
            RoleWord::Compliance => Role::Compliance,
            RoleWord::Platform => Role::Platform,
        }
    }
}

pub(crate) async fn run(args: TokenArgs, file: &File) -> Outcome {
    match args.what {
        TokenCommand::Create(args) => create(args, file).await,
        TokenCommand::List(args) => list(args, file).await,
        TokenCommand::Revoke(args) => revoke(args, file).await,
    }
}

async fn create(args: CreateArgs, file: &File) -> Outcome {
    // The first token is made before anything was ever served.
    let running = start(Place::of(&args.store, file).open()?, Duty::Visit, AddressPolicy::default())?;
    let (actor, practice) = (Actor::operator(), args.practice.as_deref());
    let made = running.engine.create_token(&actor, args.role.role(), &args.name, practice).await?;
    running.drain().await;
    if args.json {
        say(&serde_json::to_string(&made).unwrap_or_default());
    } else {
        say(&format!(
            "{}\n\nThis is the token of {} ({}, {}). It is not shown again.",
            made.token, made.name, made.role, made.id
        ));
    }
    Ok(Exit::Done)
}

async fn list(args: ListArgs, file: &File) -> Outcome {
    let running = visit(&args.store, file)?;
    let tokens = running.engine.list_tokens().await?;
    running.drain().await;
    if args.json {
        say(&serde_json::to_string(&tokens).unwrap_or_default());
        return Ok(Exit::Done);
    }
    let mut table = table(["Id", "Name", "Role", "Practice", "Made", "Revoked"]);
    for token in tokens {
        let practice = token.practice.map_or_else(|| "all".to_owned(), |practice| practice.to_string());
        let revoked = token.revoked_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let made = token.created_at.to_string();
        table.add_row([token.id.to_string(), token.name.to_string(), token.role.to_string(), practice, made, revoked]);
    }
    say(&table.to_string());
    Ok(Exit::Done)
}

async fn revoke(args: RevokeArgs, file: &File) -> Outcome {
    let running = visit(&args.store, file)?;
    running.engine.revoke_token(&Actor::operator(), &args.id).await?;
    running.drain().await;
    say(&format!("{} is revoked.", args.id));
    Ok(Exit::Done)
}
