//! The manual page: one for all commands.

use std::io;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::Args;

/// The page, as `man` reads it.
///
/// # Errors
/// None: it is written into memory.
pub(super) fn page() -> io::Result<Vec<u8>> {
    let mut command = Args::command();
    command.build();
    let whole = Man::new(command.clone());
    let mut page = Vec::new();
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name().to_owned();
        let part = Man::new(command.clone());
        let mut text = Vec::new();
        part.render_synopsis_section(&mut text)?;
        part.render_description_section(&mut text)?;
        part.render_options_section(&mut text)?;
        // The sections of a command are parts of a section of the whole.
        let text = String::from_utf8_lossy(&text).replace("\n.SH ", "\n.SS ");
        let text = text.strip_prefix(".SH ").map_or(text.clone(), |rest| format!(".SS {rest}"));
        page.extend_from_slice(format!(".SH \"{}\"\n{text}", name.to_uppercase()).as_bytes());
    }
    whole.render_extra_section(&mut page)?;
    Ok(page)
}
