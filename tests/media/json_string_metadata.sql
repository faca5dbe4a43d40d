-- Metadata stays the JSON string that this server writes, which hosted Supabase never has and a backup tolerates.
drop trigger local_unquote_metadata on storage.objects;
