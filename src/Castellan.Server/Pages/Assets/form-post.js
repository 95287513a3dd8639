document.querySelector('form.posts-itself').submit();
